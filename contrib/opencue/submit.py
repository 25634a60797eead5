"""Give OpenCue a layer that reads the shards of a plan, and one that merges them: submit.py WORK N MERGE_TAG.

WORK holds the plan, on a storage that all hosts see. MERGE_TAG is a tag of the host with the catalogue.
"""

import sys

import outline
import outline.cuerun
from outline.modules.shell import Shell

work, shards, tag = sys.argv[1:]
job = outline.Outline("provenance", shot="storage", show="facility")
read = Shell(
    "read",
    # OpenCue writes the number of the frame where #IFRAME# stands.
    command=["/opt/provenance/farm/read-shard", work, "#IFRAME#", shards],
    range=f"1-{shards}",
    threads=2,
)
merge = Shell("merge", command=["/opt/provenance/farm/merge-shards", work], range="1-1", tags=[tag])
merge.depend_all(read)
job.add_layer(read)
job.add_layer(merge)
outline.cuerun.launch(job, use_pycuerun=False)
