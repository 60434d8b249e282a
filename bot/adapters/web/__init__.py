"""The local web space: the channel as a page, drawn from storage and kept up to date while it is open."""
