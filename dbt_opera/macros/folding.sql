{# How a normalised text sounds, whichever alphabet or spelling it is printed in: "Чайковский", "Tschaikowsky" and
   "Čajkovskij" meet, and so do "Goebbel" and "Göbbel". It is coarse on purpose ("Ying" and "Jing" meet as well): who
   compares by it asks for more evidence. #}
{% macro folded(key) -%}
    {%- set look_alikes = "case when " ~ key ~ " ~ '[a-z][а-яα-ω]|[а-яα-ω][a-z]' then translate(" ~ key
        ~ ", 'аеорсухіјѕкмтнвοαε', 'aeopcyxijskmthboae') else " ~ key ~ " end" -%}
    {%- set sounds = namespace(text=look_alikes) -%}
    {%- for pattern, sound in [
        ('ου', 'u'), ('μπ', 'b'), ('ντ', 'd'), ('γγ|γκ', 'g'), ('τζ', 'z'), ('ευ', 'ev'), ('αυ', 'av'), ('ψ', 'ps'), ('ξ', 'ks'),
        ('дж', 'g'), ('[ьъ]', ''), ('ю', 'iu'), ('я', 'ia'),
    ] -%}
        {%- set sounds.text = "regexp_replace(" ~ sounds.text ~ ", '" ~ pattern ~ "', '" ~ sound ~ "', 'g')" -%}
    {%- endfor -%}
    {%- set sounds.text = "translate(" ~ sounds.text
        ~ ", 'абвгґдежзийклмнопрстуфхцчшщыэєіїђјљњћџαβγδεζηθικλμνοπρσςτυφχω'"
        ~ ", 'abvggdezziiklmnoprstufkzkssieeiidilnkzavgdezitiklmnoprsstifko')" -%}
    {%- for pattern, sound in [
        ('schtsch|shch', 's'), ('tzsch|tsch|tch|tsj', 'k'), ('sch|sh|sz|sj', 's'), ('zh', 'z'), ('kh|ch|cz|ck|c|q', 'k'),
        ('ts|tz|ds', 'z'), ('ph', 'f'), ('th', 't'), ('gh', 'g'), ('w', 'v'), ('x', 'ks'), ('[yj]', 'i'), ('ae', 'a'), ('oe', 'o'),
        ('ue', 'u'), ('ou', 'u'), ('\\mie', 'e'), ('ndr\\M', 'nder'), ('(.)\\1+', '\\1'),
    ] -%}
        {%- set sounds.text = "regexp_replace(" ~ sounds.text ~ ", '" ~ pattern ~ "', '" ~ sound ~ "', 'g')" -%}
    {%- endfor -%}
    {{ sounds.text }}
{%- endmacro %}

{# The same without spaces: "Pierluigi" is "Pier Luigi", "Gary Mc Cann" is "Gary McCann". #}
{% macro compact(key) -%}
    replace({{ key }}, ' ', '')
{%- endmacro %}
