use regex_automata::{meta, util::syntax};
fn main() {
    let rules = bedrail::rule::embedded::rules();
    let pats: Vec<String> = rules.iter().filter_map(|r| r.pattern.as_ref().map(|p| p.regex.clone())).collect();
    for (name, cfg) in [
        ("default", meta::Config::new()),
        ("no onepass", meta::Config::new().onepass(false)),
        ("no onepass, no hybrid", meta::Config::new().onepass(false).hybrid(false)),
        ("no onepass, no dfa", meta::Config::new().onepass(false).dfa(false)),
        ("no onepass, hybrid, no dfa, small", meta::Config::new().onepass(false).dfa(false).hybrid(false).backtrack(true)),
    ] {
        let t = std::time::Instant::now();
        for p in &pats {
            let _ = meta::Regex::builder().syntax(syntax::Config::new().unicode(false).utf8(false)).configure(cfg.clone().utf8_empty(false)).build(p);
        }
        println!("{name}: {:?} per regex over {}", t.elapsed() / pats.len() as u32, pats.len());
    }
}
