//! What `spack install --monitor-save-local` leaves.
