//! A page as a tree: what `html5ever` builds, in one list of nodes.
//!
//! Nodes are numbers in a list and know their neighbours; every walk is a loop, so that no
//! depth of a page overflows the stack. Comments are not kept. What a `template` element
//! holds is parsed, and is not part of the page.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tokenizer::TokenizerOpts;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, LocalName, Namespace, ParseOpts, QualName, ns, parse_document};

/// The number of a node.
type Id = u32;
/// No node.
const NONE: Id = Id::MAX;

/// A parsed page.
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// What the parser complained of, with lines.
    pub(super) errors: Vec<(u64, Cow<'static, str>)>,
    /// Whether the doctype makes browsers follow the standard.
    pub(super) is_standard: bool,
}

struct Node {
    parent: Id,
    first: Id,
    last: Id,
    previous: Id,
    next: Id,
    kind: Kind,
}

enum Kind {
    Element {
        name: QualName,
        attributes: Vec<Attribute>,
        line: u64,
    },
    Text(StrTendril),
    /// The document, a template's content, a comment.
    Other,
}

/// So many elements may be open at once: for each, the parser looks at all that are.
const MAX_OPEN: usize = 4000;

/// Elements without an end tag.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Parses a page; `None` when more elements are open at once than in any real one.
pub(super) fn parse(text: &str) -> Option<Tree> {
    if most_open(text) > MAX_OPEN {
        return None;
    }
    // A page is read as it is with scripts off, where `noscript` holds elements.
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, exact_errors: true, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tokenizer: TokenizerOpts::default(), tree_builder };
    let builder = Builder {
        nodes: RefCell::new(Vec::with_capacity(text.len() / 24 + 8)),
        errors: RefCell::default(),
        line: Cell::new(1),
        quirks: Cell::new(QuirksMode::NoQuirks),
        has_doctype: Cell::new(false),
    };
    builder.push(Kind::Other);
    Some(parse_document(builder, options).one(StrTendril::from_slice(text)))
}

/// About how many elements are open at once, told from tags alone.
fn most_open(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for tag in text.split('<').skip(1) {
        if tag.starts_with('/') {
            open = open.saturating_sub(1);
        } else if tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            open += usize::from(!VOID.contains(&name));
            most = most.max(open);
        }
    }
    most
}

struct Builder {
    nodes: RefCell<Vec<Node>>,
    errors: RefCell<Vec<(u64, Cow<'static, str>)>>,
    line: Cell<u64>,
    quirks: Cell<QuirksMode>,
    has_doctype: Cell<bool>,
}

/// An element's name, for the parser.
#[derive(Debug)]
struct Name {
    namespace: Namespace,
    local: LocalName,
}

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.namespace
    }

    fn local_name(&self) -> &LocalName {
        &self.local
    }
}

impl Builder {
    fn push(&self, kind: Kind) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        let id = Id::try_from(nodes.len()).unwrap_or(NONE - 1);
        nodes.push(Node { parent: NONE, first: NONE, last: NONE, previous: NONE, next: NONE, kind });
        id
    }

    /// Puts a node before a child of a parent; at its end when that is [`NONE`].
    fn insert(&self, parent: Id, before: Id, child: NodeOrText<Id>) {
        let previous = {
            let nodes = self.nodes.borrow();
            if before == NONE { nodes[parent as usize].last } else { nodes[before as usize].previous }
        };
        let child = match child {
            NodeOrText::AppendNode(child) => child,
            NodeOrText::AppendText(text) => {
                if previous != NONE
                    && let Kind::Text(there) = &mut self.nodes.borrow_mut()[previous as usize].kind
                {
                    return there.push_tendril(&text);
                }
                self.push(Kind::Text(text))
            }
        };
        let mut nodes = self.nodes.borrow_mut();
        let node = &mut nodes[child as usize];
        (node.parent, node.previous, node.next) = (parent, previous, before);
        match previous {
            NONE => nodes[parent as usize].first = child,
            _ => nodes[previous as usize].next = child,
        }
        match before {
            NONE => nodes[parent as usize].last = child,
            _ => nodes[before as usize].previous = child,
        }
    }

    fn detach(&self, id: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let Node { parent, previous, next, .. } = nodes[id as usize];
        if parent == NONE {
            return;
        }
        match previous {
            NONE => nodes[parent as usize].first = next,
            _ => nodes[previous as usize].next = next,
        }
        match next {
            NONE => nodes[parent as usize].last = previous,
            _ => nodes[next as usize].previous = previous,
        }
        let node = &mut nodes[id as usize];
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
    }
}

impl TreeSink for Builder {
    type Handle = Id;
    type Output = Tree;
    type ElemName<'a> = Name;

    fn finish(self) -> Tree {
        let is_standard = self.has_doctype.get() && self.quirks.get() == QuirksMode::NoQuirks;
        Tree { nodes: self.nodes.into_inner(), errors: self.errors.into_inner(), is_standard }
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        self.errors.borrow_mut().push((self.line.get(), message));
    }

    fn get_document(&self) -> Id {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a Id) -> Name {
        match &self.nodes.borrow()[*target as usize].kind {
            Kind::Element { name, .. } => Name { namespace: name.ns.clone(), local: name.local.clone() },
            _ => Name { namespace: ns!(), local: LocalName::from("") },
        }
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Id {
        let id = self.push(Kind::Element { name, attributes, line: self.line.get() });
        if flags.template {
            self.push(Kind::Other);
        }
        id
    }

    fn create_comment(&self, _: StrTendril) -> Id {
        self.push(Kind::Other)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Id {
        self.push(Kind::Other)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        self.insert(*parent, NONE, child);
    }

    fn append_based_on_parent_node(&self, element: &Id, previous: &Id, child: NodeOrText<Id>) {
        let has_parent = self.nodes.borrow()[*element as usize].parent != NONE;
        if has_parent { self.append_before_sibling(element, child) } else { self.append(previous, child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {
        self.has_doctype.set(true);
    }

    /// The node after a `template` is its content.
    fn get_template_contents(&self, target: &Id) -> Id {
        *target + 1
    }

    fn same_node(&self, one: &Id, other: &Id) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.quirks.set(mode);
    }

    fn append_before_sibling(&self, sibling: &Id, child: NodeOrText<Id>) {
        if let NodeOrText::AppendNode(child) = &child {
            self.detach(*child);
        }
        let parent = self.nodes.borrow()[*sibling as usize].parent;
        if parent != NONE {
            self.insert(parent, *sibling, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &Id, more: Vec<Attribute>) {
        if let Kind::Element { attributes, .. } = &mut self.nodes.borrow_mut()[*target as usize].kind {
            for attribute in more {
                if !attributes.iter().any(|known| known.name == attribute.name) {
                    attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Id) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &Id, parent: &Id) {
        loop {
            let child = self.nodes.borrow()[*node as usize].first;
            if child == NONE {
                return;
            }
            self.detach(child);
            self.insert(*parent, NONE, NodeOrText::AppendNode(child));
        }
    }

    fn set_current_line(&self, line: u64) {
        self.line.set(line);
    }
}

impl Tree {
    /// Every element, in the order of the document.
    pub(super) fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        self.below(0).filter_map(|id| self.element(id))
    }

    /// How deep its nodes lie.
    pub(super) fn depth(&self) -> usize {
        let mut depths = vec![0_usize; self.nodes.len()];
        let mut deepest = 0;
        for id in self.below(0) {
            let depth = depths[self.nodes[id as usize].parent as usize] + 1;
            depths[id as usize] = depth;
            deepest = deepest.max(depth);
        }
        deepest
    }

    /// The first element of a name.
    pub(super) fn first(&self, name: &str) -> Option<Element<'_>> {
        self.elements().find(|element| element.is(name))
    }

    fn element(&self, id: Id) -> Option<Element<'_>> {
        match &self.nodes.get(id as usize)?.kind {
            Kind::Element { name, attributes, line } => Some(Element { tree: self, id, name, attributes, line: *line }),
            _ => None,
        }
    }

    /// The nodes below one, in the order of the document.
    fn below(&self, top: Id) -> Walk<'_> {
        Walk { tree: self, top, at: top, skip: false }
    }
}

/// A walk through what is below a node.
struct Walk<'t> {
    tree: &'t Tree,
    top: Id,
    at: Id,
    skip: bool,
}

impl Iterator for Walk<'_> {
    type Item = Id;

    fn next(&mut self) -> Option<Id> {
        let nodes = &self.tree.nodes;
        let first = nodes[self.at as usize].first;
        if first != NONE && !std::mem::take(&mut self.skip) {
            self.at = first;
            return Some(first);
        }
        while self.at != self.top {
            let node = &nodes[self.at as usize];
            if node.next != NONE {
                self.at = node.next;
                return Some(node.next);
            }
            self.at = node.parent;
        }
        None
    }
}

/// An element of a page.
#[derive(Clone, Copy)]
pub(super) struct Element<'t> {
    tree: &'t Tree,
    id: Id,
    name: &'t QualName,
    attributes: &'t [Attribute],
    /// The line of its start tag.
    pub(super) line: u64,
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<'t> Element<'t> {
    /// The name, without a namespace.
    pub(super) fn name(self) -> &'t str {
        &self.name.local
    }

    /// Whether it is HTML, and not SVG or MathML within it.
    pub(super) fn is_html(self) -> bool {
        self.name.ns == ns!(html)
    }

    /// Whether it is the HTML element of this name.
    pub(super) fn is(self, name: &str) -> bool {
        self.is_html() && self.name() == name
    }

    /// Whether it is one of these HTML elements.
    pub(super) fn is_one_of(self, names: &[&str]) -> bool {
        self.is_html() && names.contains(&self.name())
    }

    /// An attribute's value.
    pub(super) fn get(self, name: &str) -> Option<&'t str> {
        self.attributes.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
    }

    /// Whether an attribute is there with this value.
    pub(super) fn says(self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    }

    /// All attributes.
    pub(super) fn attributes(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.attributes.iter().map(|attribute| (&*attribute.name.local, &*attribute.value))
    }

    /// What it lies in, the nearest first.
    pub(super) fn ancestors(self) -> impl Iterator<Item = Element<'t>> {
        let parent = |element: &Element<'t>| self.tree.element(self.tree.nodes[element.id as usize].parent);
        std::iter::successors(parent(&self), parent)
    }

    /// The element that it lies in.
    pub(super) fn parent(self) -> Option<Element<'t>> {
        self.ancestors().next()
    }

    /// The elements in it, in order.
    pub(super) fn descendants(self) -> impl Iterator<Item = Element<'t>> {
        self.tree.below(self.id).filter_map(|id| self.tree.element(id))
    }

    /// The elements right in it.
    pub(super) fn children(self) -> impl Iterator<Item = Element<'t>> {
        self.inner().filter_map(|id| self.tree.element(id))
    }

    fn inner(self) -> impl Iterator<Item = Id> {
        let known = |id: Id| (id != NONE).then_some(id);
        let first = known(self.tree.nodes[self.id as usize].first);
        std::iter::successors(first, move |id| known(self.tree.nodes[*id as usize].next))
    }

    /// Whether text that is more than space lies right in it.
    pub(super) fn has_own_text(self) -> bool {
        self.inner().any(|id| matches!(&self.tree.nodes[id as usize].kind, Kind::Text(text) if !text.trim().is_empty()))
    }

    /// All text in it, as it is written: of a script, say.
    pub(super) fn raw_text(self) -> String {
        let text = |id: Id| match &self.tree.nodes[id as usize].kind {
            Kind::Text(text) => Some(&**text),
            _ => None,
        };
        self.tree.below(self.id).filter_map(text).collect()
    }

    /// What is read out of it: text, and the names of what stands for text, without what
    /// is hidden.
    pub(super) fn spoken(self) -> String {
        let mut walk = self.tree.below(self.id);
        let mut said = String::new();
        while let Some(id) = walk.next() {
            match &self.tree.nodes[id as usize].kind {
                Kind::Text(text) => said.push_str(text),
                Kind::Other => {}
                Kind::Element { .. } => {
                    let Some(element) = self.tree.element(id) else { continue };
                    walk.skip = element.is_silent() || element.get("aria-label").is_some() || element.is("img");
                    if !element.is_silent() {
                        let label = element.get("aria-label").or_else(|| element.get("alt"));
                        said.extend(label.map(|label| format!(" {label} ")));
                    }
                    walk.skip &= self.tree.nodes[id as usize].first != NONE;
                }
            }
        }
        said.trim().to_owned()
    }

    fn is_silent(self) -> bool {
        self.says("aria-hidden", "true")
            || self.get("hidden").is_some()
            || self.is_one_of(&["script", "style", "template"])
    }
}
