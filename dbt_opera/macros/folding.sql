{# How a normalised text sounds, whichever alphabet or spelling it is printed in: "Чайковский", "Tschaikowsky" and
   "Čajkovskij" meet, and so do "Goebbel" and "Göbbel". It is coarse on purpose ("Ying" and "Jing" meet as well): who
   compares by it asks for more evidence. One regular expression, not thirty: PostgreSQL keeps 32 compiled, and a query that
   takes turns with more compiles each of them for each row. #}
{% macro folded(key) -%}
    {%- set sounds = namespace(text="case when " ~ key ~ " ~ '[a-z][а-яα-ω]|[а-яα-ω][a-z]' then translate(" ~ key
        ~ ", 'аеорсухіјѕкмтнвοαε', 'aeopcyxijskmthboae') else " ~ key ~ " end") -%}
    {%- for letters, sound in [
        ('ου', 'u'), ('μπ', 'b'), ('ντ', 'd'), ('γγ', 'g'), ('γκ', 'g'), ('τζ', 'z'), ('ευ', 'ev'), ('αυ', 'av'), ('ψ', 'ps'),
        ('ξ', 'ks'), ('дж', 'g'), ('ю', 'iu'), ('я', 'ia'),
    ] -%}
        {%- set sounds.text = "replace(" ~ sounds.text ~ ", '" ~ letters ~ "', '" ~ sound ~ "')" -%}
    {%- endfor -%}
    {%- set sounds.text = "translate(" ~ sounds.text
        ~ ", 'абвгґдежзийклмнопрстуфхцчшщыэєіїђјљњћџαβγδεζηθικλμνοπρσςτυφχωьъ'"
        ~ ", 'abvggdezziiklmnoprstufkzkssieeiidilnkzavgdezitiklmnoprsstifko')" -%}
    {%- set sounds.text = "(' ' || " ~ sounds.text ~ " || ' ')" -%}
    {%- for letters, sound in [
        ('schtsch', 's'), ('shch', 's'), ('tzsch', 'k'), ('tsch', 'k'), ('tch', 'k'), ('tsj', 'k'), ('sch', 's'), ('sh', 's'),
        ('sz', 's'), ('sj', 's'), ('zh', 'z'), ('kh', 'k'), ('ch', 'k'), ('cz', 'k'), ('ck', 'k'), ('c', 'k'), ('q', 'k'),
        ('ts', 'z'), ('tz', 'z'), ('ds', 'z'), ('ph', 'f'), ('th', 't'), ('gh', 'g'), ('w', 'v'), ('x', 'ks'), ('y', 'i'),
        ('j', 'i'), ('ae', 'a'), ('oe', 'o'), ('ue', 'u'), ('ou', 'u'), (' ie', ' e'), ('ndr ', 'nder '),
    ] -%}
        {%- set sounds.text = "replace(" ~ sounds.text ~ ", '" ~ letters ~ "', '" ~ sound ~ "')" -%}
    {%- endfor -%}
    btrim(regexp_replace({{ sounds.text }}, '(\S)\1+', '\1', 'g'))
{%- endmacro %}

{# The same without spaces: "Pierluigi" is "Pier Luigi", "Gary Mc Cann" is "Gary McCann". #}
{% macro compact(key) -%}
    replace({{ key }}, ' ', '')
{%- endmacro %}
