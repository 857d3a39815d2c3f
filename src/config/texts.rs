//! Where configuration comes from: named texts. Files are one source of them, a demo another.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Largest file that any key may name, in bytes.
pub const LARGEST: u64 = 16 << 20;

/// What is said of a file that whoever runs the program may not read.
pub const FORBIDDEN: &str = "may not be read by this user";

/// One file of configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Its name from the folder of `passerelle.toml`, as people are shown it.
    pub name: String,
    /// What stands in it.
    pub content: Vec<u8>,
}

impl Text {
    /// A text under a name.
    pub fn new(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: content.into() }
    }
}

/// All of the configuration, unread.
#[derive(Clone, Debug)]
pub struct Texts {
    /// `passerelle.toml`.
    pub main: Text,
    /// `providers.d/*.toml`, in the order in which they are read.
    pub providers: Vec<Text>,
    /// `services.d/*.toml`, in the order in which they are read.
    pub services: Vec<Text>,
    /// The files that keys name.
    pub files: Files,
}

/// A file or folder of configuration that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {error}", .path.display())]
pub struct Unreadable {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub error: io::Error,
}

impl Texts {
    /// Reads `passerelle.toml` and what lies in `providers.d` and `services.d` beside it.
    ///
    /// In: the path of `passerelle.toml`. Out: the texts; a folder that does not exist is an empty one.
    /// Errors when something is there and cannot be read, or when the main file is missing.
    pub fn from_disk(path: &Path) -> Result<Self, Unreadable> {
        let unreadable = |error| Unreadable { path: path.to_owned(), error };
        let absolute = std::path::absolute(path).map_err(unreadable)?;
        let content = fs::read(&absolute).map_err(unreadable)?;
        let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned());
        let base = base_of(&absolute);
        Ok(Self {
            main: Text::new(name.unwrap_or_default(), content),
            providers: folder(&base, "providers.d")?,
            services: folder(&base, "services.d")?,
            files: Files::on_disk(base),
        })
    }
}

/// The folder that relative paths start at. In: the absolute path of the main file.
pub(super) fn base_of(main: &Path) -> PathBuf {
    main.parent().unwrap_or(main).to_owned()
}

/// Whether a file of `providers.d` or `services.d` is read, by its name.
pub(super) fn is_read(name: &OsStr) -> bool {
    let bytes = name.as_encoded_bytes();
    bytes.ends_with(b".toml") && !bytes.starts_with(b".") && !bytes.starts_with(b"_")
}

/// The `*.toml` of a folder in byte order of their names. No sub-folders; names that begin with `.` or `_`
/// are left out, and so are the back-ups of editors (`wiki.toml~`, `#wiki.toml#`, `.#wiki.toml`).
fn folder(base: &Path, name: &str) -> Result<Vec<Text>, Unreadable> {
    let path = base.join(name);
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Unreadable { path, error }),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Unreadable { path: path.clone(), error })?;
        names.push(entry.file_name());
    }
    names.retain(|name| is_read(name));
    names.sort_by(|a, b| a.as_encoded_bytes().cmp(b.as_encoded_bytes()));
    let mut texts = Vec::new();
    for file in names {
        let path = path.join(&file);
        if !path.is_dir() {
            let content = fs::read(&path).map_err(|error| Unreadable { path, error })?;
            texts.push(Text::new(format!("{name}/{}", file.to_string_lossy()), content));
        }
    }
    Ok(texts)
}

/// The files that keys name: logos, authorities, secrets, users.
#[derive(Clone)]
pub enum Files {
    /// On disk.
    Disk(Folder),
    /// In memory, by the path as written.
    Memory(BTreeMap<String, Vec<u8>>),
}

/// Where relative paths start, and which files were asked for. Clones are one.
#[derive(Clone)]
pub struct Folder {
    base: PathBuf,
    named: Arc<Mutex<BTreeSet<PathBuf>>>,
}

/// Shows names only: contents may be secret.
impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disk(folder) => f.debug_tuple("Disk").field(&folder.base).finish(),
            Self::Memory(files) => f.debug_set().entries(files.keys()).finish(),
        }
    }
}

impl Files {
    /// Those on disk; relative paths start at this folder.
    pub fn on_disk(base: PathBuf) -> Self {
        Self::Disk(Folder { base, named: Arc::default() })
    }

    /// Where relative paths start; empty where there is no disk.
    pub fn base(&self) -> &Path {
        match self {
            Self::Disk(folder) => &folder.base,
            Self::Memory(_) => Path::new(""),
        }
    }

    /// The files that somebody has asked for so far, there or not.
    pub fn named(&self) -> BTreeSet<PathBuf> {
        match self {
            Self::Disk(folder) => folder.named.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Self::Memory(_) => BTreeSet::new(),
        }
    }

    /// The path that a written path stands for. A path that was resolved stays as it is.
    pub fn resolve(&self, path: &str) -> PathBuf {
        match self {
            Self::Disk(folder) => folder.base.join(path),
            Self::Memory(_) => PathBuf::from(path),
        }
    }

    /// Reads a file of at most `limit` bytes. In: a path, as written or resolved. Errors with words that
    /// follow the name of the file: "does not exist".
    pub fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, String> {
        let content = match self {
            Self::Memory(files) => files.get(path).cloned().ok_or("does not exist")?,
            Self::Disk(folder) => {
                let path = folder.base.join(path);
                let mut named = folder.named.lock().unwrap_or_else(PoisonError::into_inner);
                named.insert(path.clone());
                drop(named);
                read(&path, limit)?
            }
        };
        if content.len() as u64 > limit {
            return Err(format!("is larger than {} KiB", limit >> 10));
        }
        Ok(content)
    }
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let words = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => FORBIDDEN.to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    // Asked first: to open a pipe would wait for its other end.
    if !fs::metadata(path).map_err(words)?.is_file() {
        return Err("is not a file".to_owned());
    }
    let mut content = Vec::new();
    fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut content)).map_err(words)?;
    Ok(content)
}
