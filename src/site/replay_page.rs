//! The page of a replay: what went in, what was run, what came out, and its text.

use std::cell::Cell;

use super::frame::Frame;
use super::graph::graph;
use super::index;
use super::json_text;
use super::links::{Place, anchor};
use super::pages::{InputView, Link, OutputView, ReplayPage, StepView};
use super::release_section::Beside;
use super::twins;
use super::words::{self, one_line};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{
    Action, CatalogRef, GatherDirective, MOST_LEAKS, Plot, PlotCapsule, PlotInput, PlotInputSimple, PlotOutput,
    Protoformula, Step, WarpforgeCid, codec, metadata,
};

/// Longest text of a plot that is shown, in bytes.
const MAX_TEXT: usize = 512 * 1024;
/// Most steps and inputs that are listed; the text has them all.
const MAX_ROWS: usize = 3000;

/// The page of a replay, with the same as data beside it; `users` are the releases that
/// name it.
pub(super) fn replay_page(
    frame: &Frame<'_>,
    entry: &ModuleEntry,
    cid: &WarpforgeCid,
    plot: &Plot,
    users: &[&ReleaseEntry],
) -> (Place, ReplayPage, Beside) {
    let place = Place::replay(&entry.name, cid);
    let view = View { frame, place: &place, cut: Cell::new(false) };
    let title = index::title(entry);
    let whole = codec::encode(&PlotCapsule::V1(plot.clone()));
    let text = String::from_utf8_lossy(&whole).into_owned();
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut steps = Vec::new();
    view.steps(plot, "", &mut steps);
    let leaks = plot.leaks();
    let inputs = view.some(&plot.inputs).map(|(label, input)| view.input(label.clone(), input)).collect();
    let output = |(label, output): (&String, &PlotOutput)| OutputView {
        label: label.clone(),
        from: output.0.to_string(),
        packtype: None,
    };
    let outputs = view.some(&plot.outputs).map(output).collect();
    let (text_cut, rows_cut) = (end < text.len(), view.cut.get());
    let is_cut = text_cut || rows_cut;
    let (data, twin) = twins::replay(entry, cid, plot, users);
    let head = super::pages::Head { data: Some(place.link(&data)), ..view.head(entry, &title, cid, users) };
    let page = ReplayPage {
        head,
        title,
        cid: cid.to_string(),
        origin: users.iter().find_map(|r| r.fact(metadata::REPLAY_ORIGIN)).and_then(one_line),
        leaks_cut: leaks.len() >= MOST_LEAKS,
        leaks,
        graph: users
            .first()
            .and_then(|release| frame.index.release(&entry.name, release.name()))
            .and_then(|id| graph(frame.index, &place, id, true)),
        used_by: users.iter().map(|release| view.user(entry, release)).collect(),
        inputs,
        steps,
        outputs,
        rows_cut,
        text_cut,
        tokens: json_text::tokens(&text[..end], |value| view.reference(&value.strip_prefix("catalog:")?.parse().ok()?)),
        data: is_cut.then(|| place.link(&data)),
    };
    (place, page, (data, twin))
}

struct View<'a> {
    frame: &'a Frame<'a>,
    place: &'a Place,
    /// Whether anything was left out of a list.
    cut: Cell<bool>,
}

impl View<'_> {
    /// The entries of a list that are shown.
    fn some<I: IntoIterator<IntoIter: ExactSizeIterator>>(&self, all: I) -> impl Iterator<Item = I::Item> + use<I> {
        let all = all.into_iter();
        self.cut.set(self.cut.get() || all.len() > MAX_ROWS);
        all.take(MAX_ROWS)
    }

    fn head(
        &self,
        entry: &ModuleEntry,
        title: &str,
        cid: &WarpforgeCid,
        users: &[&ReleaseEntry],
    ) -> super::pages::Head {
        let of = users.first().map(|release| format!(" {}", release.name())).unwrap_or_default();
        let mut crumbs = self.frame.crumbs(self.place, entry.name.as_str(), true);
        crumbs.push(Link { text: "replay".into(), href: None });
        let described = format!("How {title}{of} was made: the inputs, steps and outputs of its plot.");
        self.frame.head(self.place, &format!("Replay of {title}{of} · {cid}"), &described, crumbs)
    }

    fn user(&self, entry: &ModuleEntry, release: &ReleaseEntry) -> Link {
        let href = match self.frame.index.release(&entry.name, release.name()) {
            Some(id) => self.frame.index.link_to(self.place, id),
            None => {
                format!("{}#{}", self.place.link(&Place::module(entry.name.as_str())), anchor(release.name().as_str()))
            }
        };
        Link { text: release.name().to_string(), href: Some(href) }
    }

    /// The way to a release of this catalog.
    fn reference(&self, wanted: &CatalogRef) -> Option<String> {
        let id = self.frame.index.release(&wanted.module, &wanted.release)?;
        Some(self.frame.index.link_to(self.place, id))
    }

    fn input(&self, label: String, input: &PlotInput) -> InputView {
        let (href, dangling) = match input.basis() {
            PlotInputSimple::Catalog(wanted) => {
                let href = self.reference(wanted);
                let dangling = href.is_none();
                (href, dangling)
            }
            _ => (None, false),
        };
        let filters = match input {
            PlotInput::Simple(_) => Vec::new(),
            PlotInput::Complex(complex) => complex.filters.iter().map(|(k, v)| format!("{k} = {v}")).collect(),
        };
        InputView { label, source: words::shown(&input.basis().to_string()), href, dangling, filters }
    }

    /// The steps of a plot and of the plots within it, by their paths.
    fn steps(&self, plot: &Plot, within: &str, found: &mut Vec<StepView>) {
        for (name, step) in &plot.steps {
            if found.len() >= MAX_ROWS {
                self.cut.set(true);
                return;
            }
            let path = format!("{within}{name}");
            match step {
                Step::Plot(inner) => self.steps(inner, &format!("{path}/"), found),
                Step::Protoformula(formula) => found.push(self.step(path, formula)),
            }
        }
    }

    fn step(&self, name: String, formula: &Protoformula) -> StepView {
        let (action, lines, network) = match &formula.action {
            Action::Echo(_) => ("echo", Vec::new(), None),
            Action::Exec(exec) => ("exec", exec.command.clone(), exec.network),
            Action::Script(script) => {
                let lines = std::iter::once(&script.interpreter).chain(&script.contents).cloned().collect();
                ("script", lines, script.network)
            }
        };
        let output = |(label, from): (&String, &GatherDirective)| OutputView {
            label: label.clone(),
            from: from.from.to_string(),
            packtype: from.packtype.as_ref().map(ToString::to_string),
        };
        StepView {
            name,
            action: action.into(),
            lines: self.some(&lines).map(|line| words::shown(line)).collect(),
            network: network == Some(true),
            inputs: self.some(&formula.inputs).map(|(port, input)| self.input(port.to_string(), input)).collect(),
            outputs: self.some(&formula.outputs).map(output).collect(),
        }
    }
}
