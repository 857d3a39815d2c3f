//! Our own source, read by tests that hold it against what is written about it.

use std::fs;
use std::path::{Path, PathBuf};

/// Every Rust file of a folder at the top of the project, by its path below that folder, and its text.
pub fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut folders = vec![top.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(&top).unwrap().to_owned(), text));
            }
        }
    }
    files
}
