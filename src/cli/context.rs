//! What a command works on: the catalog that the command line names.

use std::path::{Path, PathBuf};

use warecat::catalog::{ApplyOptions, Catalog, CatalogError, Edit};
use warecat::code::Code;
use warecat::store::layout;

use super::Global;
use super::commit::CommitArgs;
use super::failure::Failure;
use super::ui::Ui;

/// The catalog's folder: `-C DIR`, or the nearest folder above with a `catalog.toml`,
/// or the current one.
pub(crate) fn folder(global: &Global) -> Result<PathBuf, Failure> {
    if let Some(folder) = &global.catalog {
        return Ok(folder.clone());
    }
    let here = std::env::current_dir()
        .map_err(|error| Failure::new(Code::Io, format!("cannot tell the current folder: {error}")))?;
    let above = here.ancestors().find(|folder| folder.join(layout::CONFIG).is_file());
    Ok(above.map_or_else(|| PathBuf::from("."), Path::to_path_buf))
}

/// Opens the catalog for reading, at `--rev` when it is given.
pub(crate) fn open(global: &Global) -> Result<Catalog, Failure> {
    let folder = folder(global)?;
    Ok(match &global.rev {
        Some(rev) => Catalog::open_revision(&folder, rev)?,
        None => Catalog::open(&folder)?,
    })
}

/// Opens the catalog for a command that changes it.
pub(crate) fn open_to_write(global: &Global) -> Result<Catalog, Failure> {
    refuse_revision(global)?;
    let folder = folder(global)?;
    let catalog = Catalog::open(&folder)?;
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    let above = whole.ancestors().skip(1).find(|above| above.join(layout::CONFIG).is_file());
    match above {
        Some(above) if !whole.join(layout::CONFIG).is_file() => {
            let message = format!("`{}` is part of the catalog in `{}`", folder.display(), above.display());
            Err(Failure::new(Code::CatalogMissing, message).with_hint("name the catalog itself with `-C DIR`"))
        }
        _ => Ok(catalog),
    }
}

/// `--rev` reads; what writes refuses it.
pub(crate) fn refuse_revision(global: &Global) -> Result<(), Failure> {
    match &global.rev {
        Some(_) => Err(CatalogError::ReadOnly.into()),
        None => Ok(()),
    }
}

/// Makes a change, or with `--dry-run` says what it would be; commits it when asked to.
/// `message` says for a commit what changed. Says whether anything changed or would.
pub(crate) fn change(
    catalog: &Catalog,
    args: &CommitArgs,
    ui: &Ui,
    message: &str,
    plan: impl FnOnce(&Catalog) -> Result<Edit, CatalogError>,
) -> Result<bool, Failure> {
    if args.dry_run {
        let edit = plan(catalog)?;
        for (path, is_written) in edit.paths() {
            ui.note(format!("would {} {path}", if is_written { "write" } else { "remove" }));
        }
        return Ok(!edit.is_empty());
    }
    args.check(catalog)?;
    let committed = catalog.apply(ApplyOptions::default(), plan)?;
    args.commit(catalog, &committed, message, ui)?;
    Ok(!(committed.written.is_empty() && committed.removed.is_empty()))
}
