//! What a release was made from, and who was made from it: nested lists and a drawing
//! made at build time.
//!
//! A drawing is positions and texts; the template writes it, through the one escaping
//! function. It holds at most some forty releases, says what it leaves out, and shows
//! nothing that the lists above it do not say.

mod layout;
mod neighbourhood;
mod order;
mod view;

pub(super) use view::{GraphView, graph};
