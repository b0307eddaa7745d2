//! What only many files together say: found across them, silenced at their places, told once.

mod program;

use program::{bedrail, folder, token, write};

const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: reader\nrules:\n  \
                    - apiGroups: ['']\n    resources: [secrets]\n    verbs: [get, list]\n";
const BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: readers\n  \
                       namespace: records\nroleRef:\n  kind: ClusterRole\n  name: reader\nsubjects:\n  \
                       - kind: ServiceAccount\n    name: import\n";
const POD: &str =
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: viewer\n  namespace: records\nspec:\n  containers: []\n";
const POLICY: &str = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: deny\n  \
                      namespace: records\nspec:\n  podSelector: {}\n";

const RULES: &[&str] = &["kubernetes-role-", "kubernetes-subject-", "kubernetes-namespace-"];

/// The findings of these rules, and all notices, over some files; `target` is scanned.
fn found(files: &[(&str, &str)], target: &str) -> (Vec<String>, Vec<String>, String) {
    let folder = folder();
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    let ran = bedrail(folder.path(), &["scan", target, "--format", "json", "--exit-zero"]);
    let mut found = ran.findings();
    found.retain(|one| RULES.iter().any(|rule| one.starts_with(rule)));
    (found, ran.notices(), ran.out)
}

#[test]
fn rights_are_found_over_files_and_told_at_the_binding() {
    let told = "kubernetes-subject-reads-secrets binding.yaml:11:5";
    let alone = "kubernetes-role-reads-secrets role.yaml:7:5";
    // files, target, findings, kinds of notices
    let cases: &[(&[(&str, &str)], &str, &[&str], &[&str])] = &[
        (&[("role.yaml", ROLE), ("binding.yaml", BINDING)], ".", &[told], &[]),
        (&[("role.yaml", ROLE)], ".", &[alone], &[]), // bound to nobody here
        (&[("role.yaml", ROLE), ("binding.yaml", BINDING)], "binding.yaml", &[], &["not-judged"]),
        (&[("a/role.yaml", ROLE), ("binding.yaml", BINDING)], ".", &[told], &[]),
    ];
    for (files, target, expected, notices) in cases {
        let (found, told, _) = found(files, target);
        assert_eq!(
            (found.as_slice(), told.as_slice()),
            (&expected.map_to_strings()[..], &notices.map_to_strings()[..])
        );
    }
    let (_, _, report) = found(&[("role.yaml", ROLE), ("binding.yaml", BINDING)], ".");
    assert!(report.contains("through RoleBinding records/readers and ClusterRole reader"), "{report}");
}

trait Strings {
    fn map_to_strings(&self) -> Vec<String>;
}

impl Strings for &[&str] {
    fn map_to_strings(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

#[test]
fn a_comment_at_the_subject_silences_and_an_idle_one_is_told() {
    let allowed =
        BINDING.replace("import\n", "import # bedrail: allow kubernetes-subject-reads-secrets -- makes copies\n");
    let (found_, notices, _) = found(&[("role.yaml", ROLE), ("binding.yaml", &allowed)], ".");
    assert_eq!((found_, notices), (Vec::new(), Vec::new()));
    let idle = BINDING.replace("import\n", "import # bedrail: allow kubernetes-subject-impersonates -- makes copies\n");
    let (found_, notices, _) = found(&[("role.yaml", ROLE), ("binding.yaml", &idle)], ".");
    assert_eq!((found_.len(), notices), (1, vec!["unused-silence".to_owned()]));
}

#[test]
fn a_namespace_lacks_a_policy_only_where_all_of_it_was_seen() {
    let lacks = "kubernetes-namespace-without-network-policy pod.yaml:5:3".to_owned();
    assert_eq!(found(&[("pod.yaml", POD)], ".").0, [lacks]);
    assert_eq!(found(&[("pod.yaml", POD)], "pod.yaml").0, [""; 0]);
    assert_eq!(found(&[("pod.yaml", POD), ("net/policy.yaml", POLICY)], ".").0, [""; 0]);
}

#[test]
fn a_name_that_is_a_secret_is_shown_nowhere() {
    let token = token("a name");
    let secret = BINDING.replace("import", &token);
    let (_, _, report) = found(&[("role.yaml", ROLE), ("binding.yaml", &secret)], ".");
    assert!(report.contains("kubernetes-subject-reads-secrets"), "{report}");
    assert!(report.contains("\"secret-"), "the name is a secret: {report}");
    assert!(!report.contains(&token), "{report}");
}
