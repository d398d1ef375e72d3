"""Drivers in any language: newline-delimited JSON-RPC 2.0 on standard input and output."""
