#!/bin/bash
#SBATCH --partition=compute
#SBATCH --constraint="x86_64"
set -euo pipefail
CMD="apptainer exec --nv /srv/site/images/compute/tool_1.2.sif"
$CMD python train.py
mpirun -np 4 $CMD tool
export APPTAINER_BINDPATH=/a
SIF_DIR=/srv/site/images/shared
if ! apptainer exec ${SIF_DIR}/base_3.sif true; then exit 1; fi
time singularity run --app helper $SIF_DIR/base_3.sif
find . | xargs -n1 apptainer run base_3.sif
echo "apptainer run none.sif"
for s in a b; do apptainer exec ${s}_1.sif true; done
run() { apptainer exec "$SIF_DIR/base_3.sif" "$@"; }
[[ -f "$X" && -n "$Y" ]] && apptainer run gone_1.sif || true
while read -r line; do apptainer exec base_3.sif echo "$line"; done < list
apptainer exec --env "A=b c" -B "$PWD:/x" --pwd /x -- base_3.sif sh -c 'echo hi; apptainer run inner.sif'
apptainer instance start base_3.sif inst; apptainer exec instance://inst ls
