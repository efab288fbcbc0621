"""What holds for every request, whatever it asks for.

In the order that a request passes them: `connections` and `protocol` (on uvicorn), `client_address` and `hosts`,
`authentication`, `bodies`; then its answer: `envelope`, `times`, `cursors`, `mapping` (fields, pages), `errors` with
`words`, and `answers` (headers, compression). `openapi` describes the API. Concepts build on this package, and it
knows none of them.
"""
