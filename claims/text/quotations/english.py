def read(text, sentence, voices, *, follows_quote):
    return []
