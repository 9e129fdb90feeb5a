// Package slackapi is what everybody who calls Slack's API has to know about its
// answers: what became of a call that failed, whether trying again is of use, and
// for how long Slack wants to be left alone.
//
// [OutcomeOf] is for calls that change something: an [Ambiguous] one may have been
// done, so it is looked up before it is done again. [RetryRateLimited] is for calls
// that only read. [FinalError] tells what only a person can mend. What each of
// Slack's error codes means stands in one table, in error_code.go. [CheckURL] and
// transport.go say where the tokens may go.
package slackapi
