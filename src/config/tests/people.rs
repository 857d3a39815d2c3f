//! What an entry says of the people of an institution: their names and their attributes.

use super::problems;

const NORTH: &str = "[[provider]]\nsuffix = \"n\"\nname = \"N\"\nurl = \"https://cas.n.example\"\n";

#[test]
fn problems_are_told_at_their_place() {
    let attributes = [
        ("email = [\"mail\"]", "6:9", "`email` must be text or a table"),
        ("email = \"\"", "6:9", "`email` comes from nowhere"),
        ("\"\" = \"mail\"", "6:1", "an attribute has a name"),
        ("\"*\" = \"*\"", "6:1", "`*` is no attribute of a person"),
        ("x = \"*\"", "6:1", "`*` is no attribute of a person"),
        ("x = { }", "6:5", "either `from` or `value`"),
        ("x = { from = \"a\", value = \"b\" }", "6:5", "either `from` or `value`"),
        ("x = { from = \"a\", replace = \"(\", with = \"\" }", "6:29", "no regular expression"),
        ("x = { from = \"a\", replace = \"b\" }", "6:5", "needs `with`"),
        ("x = { from = \"a\", steps = [] }", "6:5", "`steps` is a list of"),
        ("x = { from = \"userPassword\", replace = \"b\", with = \"\" }", "6:14", "never told"),
        ("x = \"userPassword\"", "6:5", "never told"),
        ("userPassword = { value = \"b\" }", "6:1", "never told"),
    ];
    let names = [("user_from = \"userPassword\"", "6:13", "never told")];
    let of = |table: &'static str| move |(line, place, words)| (table, line, place, words);
    for (table, line, place, words) in
        attributes.map(of("attributes")).into_iter().chain(names.map(of("username")))
    {
        let found = problems(&[("providers.d/a.toml", &format!("{NORTH}[provider.{table}]\n{line}\n"))]);
        let expected = format!("providers.d/a.toml:{place}");
        let own: Vec<_> = found.iter().filter(|p| p.code.is_none()).collect();
        let [one] = &own[..] else { panic!("{line}: {}", found.text(false, "")) };
        assert!(
            one.address() == expected && one.message.contains(words),
            "{line}: {} {}",
            one.address(),
            one.message
        );
    }
}
