//! Back-ends of the kind `sql`: addresses and questions.

use super::LEAST;
use super::places::{in_main, told};

#[test]
fn tables_of_somebody_else() {
    let sql = |keys: &str| format!("[[backend]]\nname = \"a\"\nkind = \"sql\"\n{keys}");
    let cases = [
        ("", "3:1", "`[[backend]]` needs `url`"),
        ("url = \"oracle://h/d\"", "6:7", "no address of a database"),
        ("url = \"mysql://u:hunter2@h/d?timezone=x\"", "6:7", "an option that is not known, `timezone`"),
        ("url = \"postgres://h/d\"\nquery = \"SELECT 1\"", "7:9", "no place for the name"),
        ("url = \"mysql://h/d\"\nquery = \"a = ?; DROP b\"", "7:17", "a second statement"),
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
