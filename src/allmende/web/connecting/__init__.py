"""What the pages of connectors are made of: states in words, forms made from a message, previews."""
