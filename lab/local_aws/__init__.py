"""The local AWS: an emulator on 127.0.0.1 that runs the real template, built and deployed by SAM.

`python -m lab.local_aws up --port 4566` leaves it running, `python -m lab.local_aws down --port 4566` ends it. The
demo and the integration tests use the same pieces:

    with Emulator() as emulator, environment.pointed_at(emulator.endpoint):
        stack = deploy(emulator.endpoint)
        client.put_config(stack.config_secret_arn, {...})
        answer = client.invoke(stack.sync_function, {"action": "plan"})

It is not AWS. The emulator has no VPC, no network isolation, no limit on memory, no saved queries, no lifecycle and no
encryption of the journal bucket, and does not judge alarms.
"""
