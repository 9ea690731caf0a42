"""What is said over HTTP, as models: they check what comes in, and /openapi.json is made from them."""
