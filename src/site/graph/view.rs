//! The surroundings of a release as a page shows them: nested lists, and a drawing.

use std::collections::VecDeque;
use std::fmt::Write;

use serde::Serialize;

use super::layout::{Layout, layout};
use super::neighbourhood::{Neighbourhood, Node};
use crate::site::index::{Index, ReleaseId};
use crate::site::links::Place;
use crate::site::pages::Link;
use crate::site::words::{counted, number};
use crate::text::is_hidden;

/// Longest label of a node, in characters; the whole text is in its title.
const MAX_LABEL: usize = 30;
/// What a character of a label takes, about, and what stands around a label.
const CHARACTER: f64 = 6.7;
const PADDING: i32 = 16;
/// How deep lists are nested: for narrow screens, and for the templates' own limit.
const MAX_LEVELS: usize = 8;
/// A drawing with more nodes than this is shown closed on a module's page.
const FEW: usize = 14;

/// The surroundings of a release.
#[derive(Debug, Serialize)]
pub(in crate::site) struct GraphView {
    /// The release.
    pub(in crate::site) title: String,
    /// What there is and what is left out, in a sentence or two.
    pub(in crate::site) summary: String,
    /// What it requires, and what that requires.
    pub(in crate::site) required: Vec<Branch>,
    /// Who requires it.
    pub(in crate::site) users: Vec<Link>,
    /// How many more require it, and where all are listed.
    pub(in crate::site) more_users: Option<Link>,
    pub(in crate::site) drawing: Drawing,
    /// Whether the lists and the drawing are shown open.
    pub(in crate::site) open: bool,
}

/// A release in a nested list.
#[derive(Debug, Serialize)]
pub(in crate::site) struct Branch {
    pub(in crate::site) text: String,
    pub(in crate::site) href: Option<String>,
    /// What is left out below it, or that it is listed elsewhere.
    pub(in crate::site) note: Option<String>,
    pub(in crate::site) inner: Vec<Branch>,
}

/// Nodes and lines with their positions.
#[derive(Debug, Serialize)]
pub(in crate::site) struct Drawing {
    pub(in crate::site) width: i32,
    pub(in crate::site) height: i32,
    /// All lines, as the data of one path.
    pub(in crate::site) lines: String,
    pub(in crate::site) nodes: Vec<NodeView>,
}

/// A node of a drawing.
#[derive(Debug, Serialize)]
pub(in crate::site) struct NodeView {
    pub(in crate::site) label: String,
    /// The whole text, where the label is not.
    pub(in crate::site) title: Option<String>,
    pub(in crate::site) href: String,
    /// `on` for the release itself, `more` for what stands for others.
    pub(in crate::site) class: Option<&'static str>,
    pub(in crate::site) x: i32,
    pub(in crate::site) y: i32,
    pub(in crate::site) width: i32,
}

/// The surroundings of a release, when it has any. `whole` shows them open.
pub(in crate::site) fn graph(index: &Index, place: &Place, id: ReleaseId, whole: bool) -> Option<GraphView> {
    let found = Neighbourhood::of(index, id)?;
    let view = View { index, place, found: &found };
    let users = found.nodes.iter().filter(|node| node.is_user);
    Some(GraphView {
        title: view.text(id),
        summary: view.summary(),
        required: view.required(),
        users: users.map(|node| Link { text: view.text(node.id), href: Some(view.href(node.id)) }).collect(),
        more_users: view.more_users(),
        drawing: view.drawing(),
        open: whole || found.nodes.len() <= FEW,
    })
}

struct View<'a> {
    index: &'a Index,
    place: &'a Place,
    found: &'a Neighbourhood,
}

impl View<'_> {
    fn text(&self, (module, release): ReleaseId) -> String {
        format!("{} {}", self.index.label(module).title, self.index.release_name((module, release)))
    }

    fn href(&self, id: ReleaseId) -> String {
        self.index.link_to(self.place, id)
    }

    fn summary(&self) -> String {
        let found = self.found;
        let mut text = match found.direct {
            0 => "Its replay requires nothing of a catalog.".to_owned(),
            direct => format!("Its replay requires {} directly.", counted(direct, "release", "releases")),
        };
        let required = found.required();
        if required > 0 {
            let _ = write!(text, " {} are shown here, with what those require in turn.", number(required));
        }
        if found.is_cut() {
            text.push_str(" Not all is followed: “+3” says that three more are required there.");
        }
        text.push_str(" What a longer way implies is not repeated.");
        text
    }

    fn more_users(&self) -> Option<Link> {
        let more = self.found.users_left_out;
        let text = format!("{} more", number(more));
        (more > 0).then(|| Link { text, href: Some(self.href(self.found.nodes[0].id)) })
    }

    /// The nested list: each release with what it requires where it first stands.
    fn required(&self) -> Vec<Branch> {
        let mut list =
            List { view: self, required: self.found.required_of(), listed: Vec::new(), later: VecDeque::new() };
        list.listed.resize(self.found.nodes.len(), false);
        let mut top = list.branches(0, 1);
        while let Some(at) = list.later.pop_front() {
            let more = left_out(&self.found.nodes[at]).map_or(String::new(), |text| format!(", and {text}"));
            let inner = list.branches(at, 2);
            top.push(Branch { note: Some(format!("continued{more}")), inner, ..self.branch(at) });
        }
        let own = &self.found.nodes[0];
        // What is left out of the release's own list has no line above it to say so.
        if let Some(text) = left_out(own) {
            top.push(Branch { text, href: Some(self.href(own.id)), note: None, inner: Vec::new() });
        }
        top
    }

    fn branch(&self, at: usize) -> Branch {
        let id = self.found.nodes[at].id;
        Branch { text: self.text(id), href: Some(self.href(id)), note: None, inner: Vec::new() }
    }

    fn drawing(&self) -> Drawing {
        let found = self.found;
        let mut nodes: Vec<NodeView> = found.nodes.iter().map(|node| self.node(node)).collect();
        nodes[0].class = Some("on");
        let mut edges = found.edges.clone();
        if let Some(text) = left_out(&found.nodes[0]) {
            edges.push((0, nodes.len()));
            nodes.push(self.more(text));
        }
        if let Some(more) = self.more_users() {
            edges.push((nodes.len(), 0));
            nodes.push(self.more(more.text));
        }
        let widths: Vec<i32> = nodes.iter().map(|node| width(&node.label)).collect();
        let layout = layout(&widths, &edges);
        for (node, (x, y, width)) in nodes.iter_mut().zip(&layout.nodes) {
            (node.x, node.y, node.width) = (*x + 1, *y + 1, *width);
        }
        Drawing { width: layout.width + 2, height: layout.height + 2, lines: lines(&layout), nodes }
    }

    fn node(&self, node: &Node) -> NodeView {
        let text = self.text(node.id);
        let mut label = shortened(&text);
        let own = node.id == self.found.nodes[0].id;
        let more = left_out(node).filter(|_| !own);
        if more.is_some() {
            let _ = write!(label, " +{}", number(node.left_out + node.absent));
        }
        let title = match more {
            Some(more) => Some(format!("{text}, and {more}")),
            None => (label != text).then_some(text),
        };
        NodeView { label, title, href: self.href(node.id), class: None, x: 0, y: 0, width: 0 }
    }

    /// What stands for the rest of a list, and leads to all of it.
    fn more(&self, label: String) -> NodeView {
        let href = self.href(self.found.nodes[0].id);
        NodeView { label, title: None, href, class: Some("more"), x: 0, y: 0, width: 0 }
    }
}

/// A nested list that is being made.
struct List<'a> {
    view: &'a View<'a>,
    /// What each node requires, and whether that closes no circle.
    required: Vec<Vec<(usize, bool)>>,
    listed: Vec<bool>,
    /// Nodes whose requirements are listed further down, since they stand too deep.
    later: VecDeque<usize>,
}

impl List<'_> {
    /// What a node requires, at a level of the list.
    fn branches(&mut self, of: usize, level: usize) -> Vec<Branch> {
        let required = std::mem::take(&mut self.required[of]);
        let branches = required.iter().map(|next| self.branch(*next, level)).collect();
        self.required[of] = required;
        branches
    }

    fn branch(&mut self, (at, is_forward): (usize, bool), level: usize) -> Branch {
        let mut branch = self.view.branch(at);
        let left_out = left_out(&self.view.found.nodes[at]);
        let requires = !self.required[at].is_empty();
        if !is_forward {
            branch.note = Some("again: a circle".into());
        } else if std::mem::replace(&mut self.listed[at], true) {
            branch.note = (requires || left_out.is_some()).then(|| "listed elsewhere here".into());
        } else if requires && level >= MAX_LEVELS {
            branch.note = Some("continued below".into());
            self.later.push_back(at);
        } else {
            branch.note = left_out.map(|text| format!("and {text}"));
            branch.inner = self.branches(at, level + 1);
        }
        branch
    }
}

/// What of a node's requirements is not followed.
fn left_out(node: &Node) -> Option<String> {
    let more = (node.left_out > 0).then(|| format!("{} more", number(node.left_out)));
    let absent = (node.absent > 0).then(|| format!("{} not in this catalog", number(node.absent)));
    match (more, absent) {
        (Some(more), Some(absent)) => Some(format!("{more}, {absent}")),
        (more, absent) => more.or(absent),
    }
}

/// A text that is no longer than a label may be.
fn shortened(text: &str) -> String {
    if text.chars().nth(MAX_LABEL).is_none() {
        return text.to_owned();
    }
    text.chars().take(MAX_LABEL - 1).chain(['…']).collect()
}

/// About how wide a label is: marks that hide are shown as escapes, and characters
/// beyond the Latin ones are taken as twice as wide.
fn width(label: &str) -> i32 {
    let characters = label.chars().map(|c| match c {
        _ if is_hidden(c) => 8.0,
        'A'..='Z' | 'm' | 'w' | '@' | '%' => 1.3,
        '\0'..='\u{24f}' | '…' => 1.0,
        _ => 2.0,
    });
    (characters.sum::<f64>() * CHARACTER).ceil() as i32 + PADDING
}

/// The data of one path that holds all lines.
fn lines(layout: &Layout) -> String {
    let mut data = String::new();
    for line in &layout.lines {
        let mut last: Option<(i32, i32)> = None;
        for &(x, y) in line {
            let (x, y) = (x + 1, y + 1);
            // Formatting into a string cannot fail.
            let _ = match last {
                None => write!(data, "M{x} {y}"),
                Some((_, before)) if before == y => write!(data, "H{x}"),
                Some((from, before)) => {
                    let middle = (from + x) / 2;
                    write!(data, "C{middle} {before} {middle} {y} {x} {y}")
                }
            };
            last = Some((x, y));
        }
    }
    data
}
