"""The operator's command line: invokes the deployed functions and prints what they answer.

`python -m pppctl --help` lists the commands. `__main__` ties the parts together: `arguments` reads the command line,
`functions` finds and invokes the functions, `waiting` shows that it waits, `screens` prints the answers. It imports
nothing of the functions' own code: what it knows of them is their responses.
"""
