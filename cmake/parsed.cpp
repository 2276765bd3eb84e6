// Carries the precompiled header, which needs a piece to belong to.
