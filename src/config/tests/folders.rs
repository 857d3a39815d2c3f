//! Texts from disk.

use std::fs;
use std::path::Path;

use super::LEAST;
use crate::config::Address;
use crate::config::Config;
use crate::config::texts::Texts;

fn write(base: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = base.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn names_are_sorted_by_bytes_and_some_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "passerelle.toml", LEAST);
    for name in [
        "b.toml",
        "a.toml",
        "B.toml",
        "10.toml",
        "9.toml",
        ".hidden.toml",
        "_off.toml",
        "wiki.toml~",
        "#x.toml#",
        "notes.txt",
        "sub/c.toml",
        "é.toml",
    ] {
        write(folder.path(), &format!("services.d/{name}"), "");
    }
    fs::create_dir(folder.path().join("services.d/folder.toml")).unwrap();
    let texts = Texts::from_disk(&folder.path().join("passerelle.toml")).unwrap();
    let names: Vec<_> = texts.services.iter().map(|text| text.name.as_str()).collect();
    assert_eq!(
        names,
        ["10.toml", "9.toml", "B.toml", "a.toml", "b.toml", "é.toml"].map(|n| format!("services.d/{n}"))
    );
    assert!(texts.providers.is_empty());
    assert_eq!(texts.main.name, "passerelle.toml");
}

#[test]
fn paths_start_at_the_folder_of_the_main_file() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("50% off?");
    let main = format!("{LEAST}[site]\nlogo = \"brand/logo.svg\"\n[database]\nurl = \"sqlite:data/x.db\"\n");
    write(&base, "passerelle.toml", main);
    write(&base, "brand/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
    let texts = Texts::from_disk(&base.join("passerelle.toml")).unwrap();
    let (config, _) = Config::read(&texts, &|_| None).unwrap();
    let crate::config::site::Mark::File(logo) = config.site.logo else { panic!("a file") };
    assert_eq!(logo, base.join("brand/logo.svg"));
    let Address::Sqlite(path) = config.database.url else { panic!("a file") };
    assert_eq!(path, base.join("data/x.db"));

    for (written, read) in [
        ("sqlite::memory:", "sqlite::memory:"),
        ("sqlite:///var/x.db", "sqlite:/var/x.db"),
        ("sqlite:/var/x.db", "sqlite:/var/x.db"),
        ("postgres:///db?host=/run/pg&user=u", "postgres:///db"),
        ("postgresql://u:secret@db.example/x", "postgresql://db.example/x"),
    ] {
        write(&base, "passerelle.toml", format!("{LEAST}[database]\nurl = \"{written}\"\n"));
        let texts = Texts::from_disk(&base.join("passerelle.toml")).unwrap();
        let (config, _) = Config::read(&texts, &|_| None).unwrap();
        assert_eq!(config.database.url.to_string(), read);
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("passerelle.toml");
    let error = Texts::from_disk(&main).unwrap_err();
    assert_eq!(error.path, main);
    assert!(error.to_string().contains("No such file"), "{error}");

    write(folder.path(), "passerelle.toml", LEAST);
    write(folder.path(), "services.d/latin.toml", b"[[service]]\nname = \"Caf\xe9\"\n");
    let problems = Config::read(&Texts::from_disk(&main).unwrap(), &|_| None).unwrap_err();
    let first = problems.iter().next().unwrap();
    assert_eq!(
        (first.address().as_str(), first.message.as_str()),
        ("services.d/latin.toml:2:12", "this is not UTF-8")
    );
}
