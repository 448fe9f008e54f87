"""The business of a box office; knows no Qt and no HTTP."""
