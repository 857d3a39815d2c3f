//! `passerelle demo --write DIR`: the set-up as files.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, bail};

use super::set_up::{House, SetUp};

/// Writes all files. Errors before the first one when any of them is there already.
pub(super) fn write(folder: &Path, set_up: &SetUp) -> anyhow::Result<()> {
    let files: Vec<_> = set_up.files().map(|(path, content)| (folder.join(path), content)).collect();
    let there: Vec<_> = files
        .iter()
        .filter(|(path, _)| fs::symlink_metadata(path).is_ok())
        .map(|(path, _)| path.display().to_string())
        .collect();
    if !there.is_empty() {
        bail!("nothing was written, because this is there already: {}", there.join(", "));
    }
    for (path, content) in &files {
        create(path, content).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn create(path: &Path, content: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(content.as_bytes())
}

/// What to do with the files.
pub(super) fn next_steps(folder: &Path) -> String {
    let mut text = format!("the demo is in {}; each in a terminal of its own:\n", folder.display());
    for house in House::ALL.into_iter().rev() {
        let file = folder.join(house.folder()).join("passerelle.toml");
        text.push_str(&format!("\n  passerelle --config {} serve", file.display()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Texts};

    #[test]
    fn what_is_written_can_be_started_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let set_up = SetUp::at(18_090);
        write(folder.path(), &set_up).unwrap();
        for house in House::ALL {
            let base = folder.path().join(house.folder());
            let texts = Texts::from_disk(&base.join("passerelle.toml")).unwrap();
            let (config, warnings) = Config::read(&texts, &|_| None).map_err(|p| p.text(false, "")).unwrap();
            assert!(warnings.is_empty(), "{}", warnings.text(false, ""));
            assert_eq!(config.server.public_url.base(), set_up.url(house));
            let database = format!("sqlite:{}", base.join("passerelle.db").display());
            assert_eq!(config.database.url.to_string(), database);
        }
        let readme = fs::read_to_string(folder.path().join("README")).unwrap();
        assert!(readme.contains("http://127.0.0.1:18090/cas/login"));

        fs::remove_file(folder.path().join("README")).unwrap();
        let users = folder.path().join("gateway/users.toml");
        fs::write(&users, "mine").unwrap();
        let error = write(folder.path(), &set_up).unwrap_err().to_string();
        assert!(error.contains("gateway/users.toml") && !error.contains("README"), "{error}");
        assert_eq!(fs::read_to_string(&users).unwrap(), "mine");
        assert!(!folder.path().join("README").exists());
    }
}
