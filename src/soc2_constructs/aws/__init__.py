"""How AWS behaves: facts and predicates that controls and constructs share."""
