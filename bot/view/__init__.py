"""From the domain to neutral messages. No platform words, no SDK."""
