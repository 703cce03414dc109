// The script that runs in the page's head before anything is painted: theme and language of the reader. It touches nothing but the html tag.
import { PREFERENCES_KEY } from './preferences.ts';

/** How long a page may stay hidden while its dictionary is on the way, ms. */
const PATIENCE = 3_000;

// A page under [::1] moves to localhost: a content policy cannot name an IPv6 address, and to a browser the two are different sites.
// Plain old JavaScript in one line: its hash stands in the content policy, and it must run in every browser that can show the page at all.
export const bootScript = `(function(){if(location.hostname==='[::1]'){location.hostname='localhost';return}var d=document.documentElement,p={};try{p=JSON.parse(localStorage.getItem('${PREFERENCES_KEY}'))||{}}catch(e){}var t=p.theme;if(t!=='light'&&t!=='dark')t=matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light';d.dataset.theme=t;if(p.language==='en'){d.lang='en';d.dataset.waiting='';setTimeout(function(){d.removeAttribute('data-waiting')},${PATIENCE})}})()`;
