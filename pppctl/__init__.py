"""The operator's command line: asks the deployed functions and their logs, and prints what they answer.

`python -m pppctl --help` lists the commands. `command` ties the parts together: `arguments` reads the command line,
`aws` finds the stack, `functions` invokes, `log_reader` reads the logs, `waiting` shows that it waits, the modules
`..._screen(s)` and `csv_output` print. Of the functions' own code it uses two things (`layer`): the reader of the
config document, and what writes holds; all else that it knows of them is their responses and log records.
"""
