//! What a glance at the files shows: whether anything may have changed, without reading any of it.
//!
//! A glance works where nobody tells of changes: network file systems, folders that are mounted into a
//! container, symbolic links of which one in the middle is swapped.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::texts::{base_of, is_read};

/// All files of a configuration at one moment. Equal: nothing has changed in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(BTreeMap<PathBuf, Option<Glance>>);

/// One file, through all symbolic links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Glance {
    place: (u64, u64),
    size: u64,
    modified: (i64, i64),
    /// Also the owner and the mode: a file that could not be read may be readable now.
    changed: (i64, i64),
}

impl Seen {
    /// Looks at the main file, at what lies in the folders beside it, and at files that keys name. What
    /// is not there, or cannot be looked at, is seen as such.
    pub fn look(main: &Path, named: &BTreeSet<PathBuf>) -> Self {
        let mut files: BTreeSet<PathBuf> = named.clone();
        files.insert(main.to_owned());
        for folder in ["providers.d", "services.d"] {
            let folder = base_of(main).join(folder);
            match fs::read_dir(&folder) {
                Ok(entries) => {
                    let names = entries.flatten().map(|entry| entry.file_name());
                    files.extend(names.filter(|name| is_read(name)).map(|name| folder.join(name)));
                }
                Err(_) => drop(files.insert(folder)),
            }
        }
        let seen = |path: PathBuf| {
            let glance = glance(&path);
            (path, glance)
        };
        Self(files.into_iter().map(seen).collect())
    }

    /// The same with files that were not looked at so far, as they are now, and without those that nobody
    /// names any more.
    #[must_use]
    pub fn naming(self, main: &Path, named: &BTreeSet<PathBuf>) -> Self {
        let mut now = Self::look(main, named);
        for (path, seen) in &mut now.0 {
            // What was seen before the reading counts: a change since then is one.
            if let Some(before) = self.0.get(path) {
                *seen = *before;
            }
        }
        now
    }
}

fn glance(path: &Path) -> Option<Glance> {
    let meta = fs::metadata(path).ok()?;
    Some(Glance {
        place: (meta.dev(), meta.ino()),
        size: if meta.is_file() { meta.len() } else { 0 },
        modified: (meta.mtime(), meta.mtime_nsec()),
        changed: (meta.ctime(), meta.ctime_nsec()),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn every_change_is_seen_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (main, logo) = (at("passerelle.toml"), BTreeSet::from([at("logo.svg")]));
        let look = || Seen::look(&main, &logo);
        let mut before = look();
        let mut differs = |what: &str| {
            let now = look();
            assert_ne!(now, before, "{what}");
            before = now;
        };
        fs::write(&main, "1").unwrap();
        differs("the main file");
        fs::create_dir(at("services.d")).unwrap();
        differs("a folder");
        fs::write(at("services.d/a.toml"), "1").unwrap();
        differs("an entry");
        fs::write(at("services.d/a.toml"), "12").unwrap();
        differs("another content");
        fs::rename(at("services.d/a.toml"), at("services.d/b.toml")).unwrap();
        differs("another name");
        fs::set_permissions(at("services.d/b.toml"), fs::Permissions::from_mode(0o600)).unwrap();
        differs("another mode");
        fs::write(at("logo.svg"), "1").unwrap();
        differs("a file that a key names");
        fs::write(at("services.d/b.toml~"), "1").unwrap();
        fs::write(at("passerelle.db"), "1").unwrap();
        assert_eq!(look(), before, "these are none of ours");
        fs::remove_file(at("services.d/b.toml")).unwrap();
        assert_ne!(look(), before);
    }

    #[test]
    fn a_link_in_the_middle_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for version in ["..1", "..2"] {
            fs::create_dir(at(version)).unwrap();
            fs::write(at(version).join("passerelle.toml"), "same").unwrap();
        }
        symlink("..1", at("..data")).unwrap();
        symlink("..data/passerelle.toml", at("passerelle.toml")).unwrap();
        let before = Seen::look(&at("passerelle.toml"), &BTreeSet::new());
        symlink("..2", at("..next")).unwrap();
        fs::rename(at("..next"), at("..data")).unwrap();
        assert_ne!(Seen::look(&at("passerelle.toml"), &BTreeSet::new()), before);
    }

    #[test]
    fn files_that_are_named_for_the_first_time_are_seen_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("passerelle.toml"), "1").unwrap();
        let (main, named) = (at("passerelle.toml"), BTreeSet::from([at("users.toml")]));
        let before = Seen::look(&main, &BTreeSet::new());
        fs::write(&main, "while it was read").unwrap();
        let after = before.naming(&main, &named);
        assert_ne!(after, Seen::look(&main, &named), "the change is still to be told");
        fs::write(at("users.toml"), "1").unwrap();
        let now = Seen::look(&main, &named);
        assert_ne!(now.clone().naming(&main, &BTreeSet::new()), now, "nobody names it any more");
    }
}
