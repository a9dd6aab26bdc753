//! The `warecat` command.
fn main() {}
