"""A strict, stateful UISP CRM over HTTPS, for tests, the demo and the benchmarks.

with UispSimulator(keys={"write-key": "write"}, tls=certificate.server_context()) as crm:
    crm.add_attribute("PPP Password")
    client = crm.add_client("ABC1", {"pppPassword": "x"})
    crm.add_service(client, name="30mbps")
    crm.faults.append(Fault(on="GET clients/services", nth=2, action=faults.status(503)))
"""

from lab.simulators.uisp import faults
from lab.simulators.uisp.faults import Fault
from lab.simulators.uisp.simulator import RecordedRequest, UispSimulator

__all__ = ["Fault", "RecordedRequest", "UispSimulator", "faults"]
