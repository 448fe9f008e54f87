"""What the worked tables of docs/rules say, computed by the code. One module a page.

Each recomputation takes a table's rows and gives them back as the code would have written them.
"""
