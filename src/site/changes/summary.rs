//! What a commit changed, in one sentence for a visitor.

use super::super::words::{counted, number, one_line};
use crate::catalog::changes::{Changes, Kept, ModuleChange, ReleaseChange, SourceChange, Yanking};
use crate::model::{ItemLabel, ModuleName};

/// Up to how many things are named rather than counted.
const NAMED: usize = 2;
/// Longest name in a sentence, in characters.
const MAX_NAME: usize = 60;

/// A part of what a commit changed.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Scope<'a> {
    modules: Vec<&'a ModuleChange>,
    sources: Vec<&'a SourceChange>,
    configuration: bool,
    faults: usize,
}

impl<'a> Scope<'a> {
    /// All of it.
    pub(in super::super) fn all(changes: &'a Changes) -> Self {
        Self {
            modules: changes.modules.iter().collect(),
            sources: changes.sources.iter().collect(),
            configuration: changes.configuration,
            faults: changes.faults.len(),
        }
    }

    /// Some of its modules.
    pub(super) fn of(modules: Vec<&'a ModuleChange>) -> Self {
        Self { modules, ..Self::default() }
    }

    /// What lies below a prefix.
    pub(in super::super) fn within(changes: &'a Changes, prefix: &ModuleName) -> Self {
        Self {
            modules: changes.modules.iter().filter(|module| module.name.is_within(prefix)).collect(),
            sources: changes.sources.iter().filter(|source| source.prefix.is_within(prefix)).collect(),
            ..Self::default()
        }
    }

    /// Whether nothing is in it.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.modules.is_empty() && self.sources.is_empty() && !self.configuration && self.faults == 0
    }

    fn kept(&self, kept: Kept) -> Vec<String> {
        self.modules.iter().filter(|module| module.kept == kept).map(|module| name(&module.title)).collect()
    }

    /// Releases that both states have, with the titles of their modules.
    fn releases(&self) -> impl Iterator<Item = (&'a ModuleChange, &'a ReleaseChange)> {
        self.modules.iter().flat_map(|module| module.changed.iter().map(|release| (*module, release)))
    }
}

/// What changed, in one sentence: first what nobody should overlook.
pub(in super::super) fn summary(scope: &Scope<'_>) -> String {
    let mut parts = Vec::new();
    parts.extend(moved(scope));
    parts.extend(listed(scope.kept(Kept::New), "new package", "new packages"));
    parts.extend(new_versions(scope));
    parts.extend(targets(scope, "gained", |release| &release.gained));
    parts.extend(targets(scope, "lost", |release| &release.lost));
    parts.extend(listed(scope.kept(Kept::Gone), "package gone", "packages gone"));
    parts.extend(gone_versions(scope));
    parts.extend(yanked(scope));
    parts.extend(facts(scope));
    parts.extend(mirrors(scope));
    if parts.is_empty() {
        parts.extend(sources(scope));
    }
    if parts.is_empty() && scope.configuration {
        parts.push("only the catalog’s configuration changed".into());
    }
    if scope.faults > 0 {
        parts.push(format!("{} cannot be read", counted(scope.faults, "document", "documents")));
    }
    if parts.is_empty() { "nothing changed".into() } else { parts.join(", ") }
}

/// Wares that changed under the same name.
fn moved(scope: &Scope<'_>) -> Option<String> {
    let found: Vec<String> = scope
        .releases()
        .flat_map(|(module, release)| {
            release.moved.iter().map(move |moved| format!("{} {}", of(module, release), name(moved.item.as_str())))
        })
        .collect();
    let total = found.len();
    let named = found.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
    match total {
        0 => None,
        _ if total <= NAMED => Some(format!("content CHANGED under the same name: {named}")),
        _ => Some(format!("content CHANGED under the same name: {named} and {} more", number(total - NAMED))),
    }
}

fn new_versions(scope: &Scope<'_>) -> Option<String> {
    let changed = || scope.modules.iter().filter(|module| module.kept == Kept::Changed && !module.new.is_empty());
    let total: usize = changed().map(|module| module.new.len()).sum();
    let first = changed().next()?;
    Some(match (total, changed().count()) {
        (1, _) => format!("new version {} {}", name(&first.title), name(first.new.first()?.name.as_str())),
        (_, 1) => format!("{} new versions of {}", number(total), name(&first.title)),
        (_, packages) => format!("{} new versions of {} packages", number(total), number(packages)),
    })
}

fn gone_versions(scope: &Scope<'_>) -> Option<String> {
    let changed = || scope.modules.iter().filter(|module| module.kept == Kept::Changed && !module.gone.is_empty());
    let total: usize = changed().map(|module| module.gone.len()).sum();
    let first = changed().next()?;
    Some(match total {
        1 => format!("version gone: {} {}", name(&first.title), name(first.gone.first()?.as_str())),
        _ => format!("{} versions gone", number(total)),
    })
}

/// Items that releases gained or lost.
fn targets<'a>(
    scope: &Scope<'a>,
    verb: &str,
    of_release: impl Fn(&'a ReleaseChange) -> &'a Vec<ItemLabel>,
) -> Option<String> {
    let found: Vec<_> =
        scope.releases().map(|(m, r)| (m, r, of_release(r))).filter(|(_, _, items)| !items.is_empty()).collect();
    let (module, release, items) = found.first()?;
    if found.len() == 1 {
        let what = match items.as_slice() {
            [item] => name(item.as_str()),
            items => things(items.iter()),
        };
        return Some(format!("{} {verb} {what}", of(module, release)));
    }
    let all = found.iter().flat_map(|(_, _, items)| items.iter());
    Some(format!("{} {verb} {}", counted(found.len(), "version", "versions"), things(all)))
}

/// A number of items: where all are sources, they are no targets.
fn things<'a>(items: impl Iterator<Item = &'a ItemLabel> + Clone) -> String {
    let are_sources = items.clone().all(|item| matches!(item.as_str(), "src" | "upstream"));
    let (one, many) = if are_sources { ("source", "sources") } else { ("target", "targets") };
    counted(items.count(), one, many)
}

fn yanked(scope: &Scope<'_>) -> Vec<String> {
    let with = |is_wanted: fn(&Yanking) -> bool| -> Vec<String> {
        let found = scope.releases().filter(|(_, release)| release.yanking.as_ref().is_some_and(is_wanted));
        found.map(|(module, release)| of(module, release)).collect()
    };
    let yanked = with(|yanking| matches!(yanking, Yanking::Yanked(_)));
    let free = with(|yanking| *yanking == Yanking::Unyanked);
    let tell = |found, one: &str, many: &str| listed(found, one, many);
    let told = [
        tell(yanked, "version that should not be used any more", "versions that should not be used any more"),
        tell(free, "version usable again", "versions usable again"),
    ];
    told.into_iter().flatten().collect()
}

fn facts(scope: &Scope<'_>) -> Option<String> {
    let has_facts =
        |module: &&&ModuleChange| !module.facts.is_empty() || module.changed.iter().any(|r| !r.facts.is_empty());
    match scope.modules.iter().filter(has_facts).collect::<Vec<_>>().as_slice() {
        [] => None,
        [module] => Some(format!("other facts of {}", name(&module.title))),
        modules => Some(format!("other facts of {} packages", number(modules.len()))),
    }
}

fn mirrors(scope: &Scope<'_>) -> Option<String> {
    let sum = |of: fn(&ModuleChange) -> usize| -> usize { scope.modules.iter().map(|module| of(module)).sum() };
    let (added, dropped) = (sum(|module| module.mirrors_added), sum(|module| module.mirrors_dropped));
    match (added, dropped) {
        (0, 0) => None,
        (added, 0) => Some(counted(added, "new mirror", "new mirrors")),
        (0, dropped) => Some(counted(dropped, "mirror gone", "mirrors gone")),
        (added, dropped) => {
            Some(format!("{} and {} gone", counted(added, "new mirror", "new mirrors"), number(dropped)))
        }
    }
}

fn sources(scope: &Scope<'_>) -> Option<String> {
    match scope.sources.as_slice() {
        [] => None,
        [source] => Some(format!("read again, nothing new: {}", name(source.prefix.as_str()))),
        sources => Some(format!("{} sources read again, nothing new", number(sources.len()))),
    }
}

/// A few things by name, or how many there are.
fn listed(names: Vec<String>, one: &str, many: &str) -> Option<String> {
    match names.len() {
        0 => None,
        1 => Some(format!("{one}: {}", names.concat())),
        n if n <= NAMED => Some(format!("{many}: {}", names.join(" and "))),
        n => Some(counted(n, one, many)),
    }
}

fn of(module: &ModuleChange, release: &ReleaseChange) -> String {
    format!("{} {}", name(&module.title), name(release.name.as_str()))
}

/// A name on one line, not too long.
pub(super) fn name(text: &str) -> String {
    let line = one_line(text).unwrap_or_default();
    match line.char_indices().nth(MAX_NAME) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, summary};
    use crate::catalog::changes::{Changes, FactChange, Kept, ModuleChange, Moved, NewRelease, ReleaseChange};

    fn module(title: &str, kept: Kept) -> ModuleChange {
        ModuleChange {
            name: format!("m/{}", title.to_lowercase()).parse().unwrap(),
            title: title.into(),
            kept,
            new: Vec::new(),
            gone: Vec::new(),
            changed: Vec::new(),
            facts: Vec::new(),
            mirrors_added: 0,
            mirrors_dropped: 0,
        }
    }

    fn with_new(mut module: ModuleChange, names: &[&str]) -> ModuleChange {
        module.new = names.iter().map(|name| NewRelease { name: name.parse().unwrap(), items: None }).collect();
        module
    }

    fn release(name: &str, gained: &[&str], lost: &[&str], moved: &[&str]) -> ReleaseChange {
        let labels = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let moved = moved.iter().map(|item| Moved {
            item: item.parse().unwrap(),
            before: "tar:a".parse().unwrap(),
            after: "tar:b".parse().unwrap(),
        });
        ReleaseChange {
            name: name.parse().unwrap(),
            gained: labels(gained),
            lost: labels(lost),
            moved: moved.collect(),
            yanking: None,
            facts: Vec::new(),
        }
    }

    #[track_caller]
    fn check(modules: Vec<ModuleChange>, expected: &str) {
        let changes = Changes { modules, ..Changes::default() };
        assert_eq!(summary(&Scope::all(&changes)), expected);
    }

    #[test]
    fn few_things_are_named_and_many_are_counted() {
        check(vec![with_new(module("GROMACS", Kept::Changed), &["2024.4"])], "new version GROMACS 2024.4");
        check(vec![with_new(module("GROMACS", Kept::Changed), &["2", "1"])], "2 new versions of GROMACS");
        let two = |a: Kept| vec![with_new(module("A", a), &["2", "1"]), with_new(module("B", a), &["1"])];
        check(two(Kept::Changed), "3 new versions of 2 packages");
        check(two(Kept::New), "new packages: A and B");
        check(["A", "B", "C"].map(|title| module(title, Kept::New)).to_vec(), "3 new packages");
        check(vec![module("A", Kept::Gone)], "package gone: A");
        check(Vec::new(), "nothing changed");
    }

    #[test]
    fn targets_are_told_with_their_release_and_what_changed_under_its_name_comes_first() {
        let mut gromacs = with_new(module("GROMACS", Kept::Changed), &["2025.1"]);
        gromacs.changed.push(release("2024.4", &[], &["x86_64-intel-haswell"], &[]));
        check(vec![gromacs.clone()], "new version GROMACS 2025.1, GROMACS 2024.4 lost x86_64-intel-haswell");
        gromacs.changed.push(release("2024.1", &["a", "b"], &[], &["c"]));
        gromacs.facts.push(FactChange { key: "license".into(), before: None, after: Some("MIT".into()) });
        check(
            vec![gromacs],
            "content CHANGED under the same name: GROMACS 2024.1 c, new version GROMACS 2025.1, \
             GROMACS 2024.1 gained 2 targets, GROMACS 2024.4 lost x86_64-intel-haswell, other facts of GROMACS",
        );
        let mut tool = module("zlib", Kept::Changed);
        tool.changed = vec![release("2", &["src"], &[], &[]), release("1", &["src"], &[], &[])];
        check(vec![tool], "2 versions gained 2 sources");
    }

    #[test]
    fn a_hostile_title_stays_one_short_line() {
        let title = format!("<b>\n{}", "x".repeat(5000));
        let changes = Changes { modules: vec![module("a", Kept::New)], ..Changes::default() };
        let mut changes = changes;
        changes.modules[0].title = format!("{}\n\u{202e}", "x".repeat(5000));
        let line = summary(&Scope::all(&changes));
        assert!(line.chars().count() < 100 && !line.contains('\n') && title.len() > 100, "{line}");
    }
}
