"""`config.run` without sequencer and worker: for a record whose log nobody goes on with."""

import config.run

config.run.BESIDE = ()

if __name__ == "__main__":
    config.run.main()
