//! The `warecat` command.

mod cli;

/// Building a site and importing make and drop many small values on all threads, which
/// this takes about half the time for of what the system's allocator does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
