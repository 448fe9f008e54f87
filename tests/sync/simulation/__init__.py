"""A seeded simulator over the real code: tills with their real stores, the web, and the real central in one process.

`world` holds one evening and its random steps, `line` the network's faults, `till` and `central` the two ends,
`promises` what must hold after every step, `mutants` what the promises must catch. `make sim SEEDS=1000` runs it.
"""
