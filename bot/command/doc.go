// Package command reads what people type behind the slash command. [Parse] takes
// it apart: a subcommand with its words, or services with their tags, and flags;
// [ParseAt] reads when a deployment starts.
//
// Neither looks anything up: whether a service or a deployment of that name
// exists, whoever calls them knows. What is wrong comes back as a
// *deployer.Refusal that says how it is written, and nothing that was typed is
// dropped in silence.
package command
