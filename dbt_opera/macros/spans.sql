{# Every run of two to five words of a normalised text, as rows of a lateral join: a name inside prose is found by
   equality, which a hash join does, and not by `like`, which compares everything with everything. #}
{% macro spans(key) -%}
    lateral (
        select distinct array_to_string(words.words[first.word:last.word], ' ') as span
        from string_to_array({{ key }}, ' ') as words (words)
        cross join generate_series(1, cardinality(words.words) - 1) as first (word)
        cross join generate_series(first.word + 1, least(first.word + 4, cardinality(words.words))) as last (word)
    )
{%- endmacro %}
