"""The use cases: one public async function per intention of a member, an admin or the clock."""
