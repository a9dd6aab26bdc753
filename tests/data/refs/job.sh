#!/bin/bash
#SBATCH --job-name=demo
#SBATCH --partition=compute
#SBATCH -C x86_64

# apptainer run commented_1.sif
REGISTRY=${REGISTRY:-/srv/images}
IMAGE="$REGISTRY/compute/tool_1.2.sif"
module purge
module load GROMACS/2024.4-foss-2023b Python

srun --ntasks 4 apptainer exec --nv \
    --bind /data:/data "$IMAGE" tool input
singularity run --app helper "$SITE_IMAGES/shared/base_3.sif"
cat <<EOF > note.txt
apptainer run in_a_note.sif
EOF
apptainer shell $CHOSEN_AT_RUNTIME
apptainer run docker://registry.example/tool:1
warecat resolve catalog:site.example/hand/made:v1:amd64
