# Recipes for `just`; each is a plain line that works without it. `just` lists them.

[private]
default:
    @just --list --unsorted

# Everything that a change must pass, as CI runs it.
[group('check')]
ci:
    .ci/run

# The quick part of it: lints, and the tests of this tree.
[group('check')]
ci-quick:
    CI_QUICK=1 .ci/run

# All tests, or those whose names hold a text: `just test transcripts`.
[group('check')]
test *names:
    cargo test {{ names }}

[group('check')]
clippy:
    cargo clippy --all-targets -- -D warnings

# Licences, sources and advisories of what is depended on; needs cargo-deny.
[group('check')]
deny:
    cargo deny check

[group('write')]
fmt:
    cargo fmt

# docs/cli.md, from the program.
[group('write')]
cli-reference:
    cargo run --quiet -- cli-reference > docs/cli.md

# catalog-example, from what `quickstart` makes.
[group('write')]
example:
    tests/renew-example

# What the commands in tests/cli, README.md and docs really print; look at the difference.
[group('write')]
transcripts:
    TRANSCRIPTS=overwrite cargo test --test it transcripts

# The site in Chromium: everything, or the specs whose names hold a text: `just browser axe`.
[group('check')]
browser *names:
    tests/browser/run {{ names }}

# The pictures of docs/design-system.md.
[group('write')]
screenshots:
    tests/browser/run --screenshots

# The documentation of the library.
[group('look')]
doc:
    RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps --open

# A small catalog with git and a site in a new folder.
[group('look')]
quickstart dir:
    cargo run --release -- quickstart {{ dir }}
