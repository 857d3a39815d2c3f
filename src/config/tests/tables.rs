//! Back-ends of the kind `sql`: addresses and questions.

use super::places::{in_main, told};
use super::{LEAST, problems};
use crate::config::problem::OPEN_TABLE;

#[test]
fn tables_of_somebody_else() {
    let sql = |keys: &str| format!("[[backend]]\nname = \"a\"\nkind = \"sql\"\n{keys}");
    let cases = [
        ("", "3:1", "`[[backend]]` needs `url`"),
        ("url = \"oracle://h/d\"", "6:7", "no address of a database"),
        ("url = \"oracle://h/d\"\nconnections = 1", "6:7", "no address of a database"),
        ("url = \"mysql://u:hunter2@h\"", "6:7", "names no database"),
        ("url = \"mysql://u:hunter2@h/d?timezone=x\"", "6:7", "an option that is not known, `timezone`"),
        ("url = \"postgres://localhost/d\"\nquery = \"SELECT 1\"", "7:9", "no place for the name"),
        ("url = \"mysql://localhost/d\"\nquery = \"a = ?; DROP b\"", "7:17", "a second statement"),
        ("url = \"sqlite:d\"\nquery = '''\n  a = '?'\n  b = $2'''", "9:7", "`$2` stands for nothing"),
        ("url = \"sqlite:d\"\nquery = \"\"\"\nSELECT 'a\n\"\"\"", "8:8", "never ends"),
        ("url = \"sqlite:d\"\nconnections = 65", "7:15", "from 1 to 64"),
        ("url = \"sqlite:d\"\ntimeout = \"2 min\"", "7:11", "`timeout` must be from 100 ms to 1 min"),
    ];
    let texts = cases.map(|(keys, place, words)| (sql(keys), place, words));
    let texts: Vec<(&str, &str, &str)> =
        texts.iter().map(|(text, at, words)| (text.as_str(), *at, *words)).collect();
    in_main(&texts);
    let told = told(&[(
        "passerelle.toml",
        &format!("{LEAST}{}", sql("url = \"sqlite:d\"\nquery = 'a = $1; -- x'")),
    )]);
    assert_eq!(told, [""; 0]);
}

#[test]
fn a_wrong_address_hides_nothing() {
    let sql = |url: &str| {
        let table = format!("[[backend]]\nname = \"a\"\nkind = \"sql\"\nurl = \"{url}\"\nquery = 'SELECT 1'");
        told(&[("passerelle.toml", &format!("{LEAST}{table}"))])
    };
    for url in ["oracle://h/d", "mysql://h", "env:NOTHING"] {
        let told = sql(url);
        assert!(told.len() == 2 && told[1].contains("no place for the name"), "{url}: {told:?}");
    }
}

#[test]
fn tables_at_another_machine() {
    for (url, warned) in [
        ("mysql://u:hunter2@db.example/d", true),
        ("env:GOOD_DB", true),
        ("mysql://u:hunter2@db.example/d?ssl-mode=VERIFY_IDENTITY", false),
        ("postgres://localhost/d", false),
    ] {
        let main = format!("{LEAST}[[backend]]\nname = \"a\"\nkind = \"sql\"\nurl = \"{url}\"\n");
        let found = problems(&[("passerelle.toml", &main)]);
        assert_eq!(found.iter().any(|problem| problem.code == Some(OPEN_TABLE)), warned, "{url}");
        assert!(found.errors() == 0 && !found.text(false, "").contains("hunter2"), "{url}");
    }
}
