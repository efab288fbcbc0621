"""Kinds of policies, a module for each. `known` lists them; `policies.PolicyKind` says what each answers for."""
