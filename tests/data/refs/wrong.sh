#!/bin/sh
#SBATCH -p compute
apptainer run viewer_2.sif
apptainer run --app helpr base_3.sif
apptainer exec tol_1.2.sif true
apptainer exec /home/me/tool_1.2.sif true
ml GROMACS/2023 gcc
result=$(apptainer exec --app x tool_1.2.sif count catalog:site.example/hand/made:v1.0:amd64)
