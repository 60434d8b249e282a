"""Small faithful reproductions of what people would use instead, doing the same work for each answer."""
